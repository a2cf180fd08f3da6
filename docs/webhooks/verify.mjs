// Verify a webhook of Huiying with Node's own modules: node verify.mjs < body, headers in the environment.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';

const TOLERANCE_S = 300;

/** Whether the body (a Buffer, as it came) was signed with one of the secrets, within five minutes of `now`. */
export function verify(secrets, headers, body, now) {
  const at = headers['webhook-timestamp'];
  if (!/^\d+$/.test(at) || Math.abs(now - Number(at)) > TOLERANCE_S) return false;
  const given = headers['webhook-signature'].split(' ').map((one) => Buffer.from(one));
  return secrets.some((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    const digest = createHmac('sha256', key).update(`${headers['webhook-id']}.${at}.`).update(body).digest('base64');
    const wanted = Buffer.from(`v1,${digest}`);
    return given.some((one) => one.length === wanted.length && timingSafeEqual(one, wanted));
  });
}

const env = process.env;
const headers = {
  'webhook-id': env.WEBHOOK_ID,
  'webhook-timestamp': env.WEBHOOK_TIMESTAMP,
  'webhook-signature': env.WEBHOOK_SIGNATURE,
};
process.exit(verify(env.SECRET.split(' '), headers, readFileSync(0), Number(env.NOW ?? Date.now() / 1000)) ? 0 : 1);
