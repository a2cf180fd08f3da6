#!/bin/sh
# Verify a webhook of Huiying with openssl: sh verify.sh < body, headers in the environment.
now=${NOW:-$(date +%s)}; now=${now%%.*}
late=$((now - WEBHOOK_TIMESTAMP)); [ "${late#-}" -le 300 ] || exit 1
body=$(mktemp); trap 'rm -f "$body"' EXIT
{ printf '%s.%s.' "$WEBHOOK_ID" "$WEBHOOK_TIMESTAMP"; cat; } > "$body"
for secret in $SECRET; do
    key=$(printf %s "${secret#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')
    wanted="v1,$(openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary < "$body" | openssl base64 -A)"
    for given in $WEBHOOK_SIGNATURE; do [ "$given" = "$wanted" ] && exit 0; done
done
exit 1
