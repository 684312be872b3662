"""What every model of the contract is: frozen, strict, patient with fields it does not know."""

from pydantic import BaseModel, ConfigDict


class Contract(BaseModel):
    """A frozen record; unknown fields are ignored, so that a newer writer hurts no reader."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="ignore", use_attribute_docstrings=True
    )


class Refusing(Contract):
    """A part of a file that people write: what is misspelt must not pass for what is set."""

    model_config = ConfigDict(extra="forbid")
