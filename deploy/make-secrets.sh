#!/bin/sh
# Makes what deploy/compose.yaml needs and nobody should share: an authority, certificates, passwords, and places for the keys
# of Slack, PagerDuty and the dead man's switch. What is there already stays. Usage: sh deploy/make-secrets.sh [folder] [host ...]
set -eu

folder=${1:-$(dirname "$0")/secrets}
[ $# -gt 0 ] && shift
umask 077
mkdir -p "$folder"
cd "$folder"

# A certificate of the authority for the names that follow its file's: 397 days, as browsers take at most.
certificate() {
    file=$1
    shift
    [ -e "$file.crt" ] && return
    names=$(printf ',DNS:%s' "$@")
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$file.key" \
        -subj "/CN=$1" -out "$file.csr" 2>/dev/null
    printf 'subjectAltName=%s,IP:127.0.0.1\nextendedKeyUsage=serverAuth\nauthorityKeyIdentifier=keyid\n' "${names#,}" > "$file.ext"
    openssl x509 -req -in "$file.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 397 \
        -extfile "$file.ext" -out "$file.crt" 2>/dev/null
    rm "$file.csr" "$file.ext"
}

# The rest of the line is its content, unless the file is there.
once() {
    file=$1
    shift
    [ -e "$file" ] || printf '%s\n' "$*" > "$file"
}

if [ ! -e ca.crt ]; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ca.key -out ca.crt \
        -days 3650 -subj "/CN=Chasqui here" -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
fi
certificate edge localhost nginx "$@"
certificate alertmanager alertmanager localhost
once grafana.password "$(openssl rand -hex 16)"
once readers.password "$(openssl rand -hex 16)"
once readers "reader:$(openssl passwd -6 -stdin < readers.password)"
once slack.url https://slack.example/put-your-webhook-here
once pagerduty.key put-your-routing-key-here
once pagerduty-second-line.key put-your-routing-key-here
once dead-man.token put-your-token-here
# Nobody's until yours stands here: what anybody could guess would let anybody acknowledge.
once pagerduty-webhook.secret "$(openssl rand -hex 32)"

# Containers run under numbers of their own and see these files one by one: the folder keeps others out.
chmod 700 .
chmod 644 ./*
chmod 600 ca.key readers.password
echo "Made in $folder: fill in slack.url, pagerduty*.key, dead-man.token and, where it is used, pagerduty-webhook.secret; 'reader' has the password in readers.password."
