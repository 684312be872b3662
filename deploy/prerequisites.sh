#!/bin/sh
# Checks for what cannot come from a lock file: `prerequisites.sh python java maven alertmanager prometheus nginx`.
# As root on Debian it installs what is missing; elsewhere it says in one sentence what to install.
set -eu

python_command() {
    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

java_command() {
    if [ -n "${JAVA_HOME:-}" ]; then echo "$JAVA_HOME/bin/java"; else echo java; fi
}

have() {
    case $1 in
        python) python_command >/dev/null ;;
        java)
            version=$("$(java_command)" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p')
            [ "${version:-0}" -ge 17 ]
            ;;
        maven) mvn --version >/dev/null 2>&1 ;;
        alertmanager) command -v prometheus-alertmanager >/dev/null ;;
        prometheus) command -v prometheus >/dev/null && command -v promtool >/dev/null ;;
        nginx) PATH=$PATH:/usr/sbin command -v nginx >/dev/null ;;
    esac
}

on_debian_as_root() {
    [ "$(id -u)" = 0 ] && [ -e /etc/debian_version ] && command -v apt-get >/dev/null
}

apt_install() {
    echo "installing $* by apt-get" >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null </dev/null
}

# Debian starts what serves as soon as it is installed, and at every boot: only the program is wanted.
# apt_install_program package [service]
apt_install_program() {
    service=${2:-$1}.service
    mask=/etc/systemd/system/$service
    if [ ! -e "$mask" ] && [ ! -L "$mask" ]; then
        mkdir -p "${mask%/*}"
        ln -s /dev/null "$mask"
        echo "masked $service: 'systemctl unmask $service' where it is to run by itself" >&2
    fi
    apt_install "$1"
}

install_on_debian() {
    apt-get update -qq </dev/null >&2
    case $1 in
        python) apt_install python3 python3-venv ;;
        java) apt_install openjdk-21-jre-headless 2>/dev/null || apt_install openjdk-17-jre-headless ;;
        maven) apt_install maven ;;
        alertmanager) apt_install_program prometheus-alertmanager ;;
        prometheus) apt_install_program prometheus ;;
        nginx) apt_install_program nginx-light nginx ;;
    esac
}

say_what_to_install() {
    case $1 in
        python) echo "Chasqui needs Python 3.11 or later with its venv module: install it with 'apt-get install python3 python3-venv' (Debian 12 or later), 'dnf install python3' (Fedora) or 'brew install python' (macOS)." ;;
        java) echo "Chasqui's Kafka needs Java 17 or later: install it with 'apt-get install openjdk-17-jre-headless' (Debian), 'dnf install java-latest-openjdk-headless' (Fedora) or 'brew install openjdk' and JAVA_HOME set to \"\$(brew --prefix openjdk)\" (macOS)." ;;
        maven) echo "Chasqui fetches Kafka by Maven: install it with 'apt-get install maven' (Debian), 'dnf install maven' (Fedora) or 'brew install maven' (macOS)." ;;
        alertmanager) echo "The tests of the Alertmanager sink need a real one: install it with 'apt-get install prometheus-alertmanager' (Debian), elsewhere put Prometheus's own build on the path under that name." ;;
        prometheus) echo "The tests of deploy/prometheus and the observed demo need a real Prometheus with promtool: install it with 'apt-get install prometheus' (Debian), elsewhere put Prometheus's own build on the path." ;;
        nginx) echo "The tests of deploy/nginx need a real one: install it with 'apt-get install nginx-light' (Debian), 'dnf install nginx' (Fedora) or 'brew install nginx' (macOS)." ;;
    esac >&2
}

if [ "${1:-}" = which-python ]; then
    python_command
    exit
fi

for wanted in "$@"; do
    have "$wanted" && continue
    if on_debian_as_root; then install_on_debian "$wanted" || true; fi
    have "$wanted" || { say_what_to_install "$wanted"; exit 1; }
done
