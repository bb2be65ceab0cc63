// The life of a token, by openid-client: told what to do as JSON, prints what happened as JSON.
import * as openid from "openid-client";
import { importJWK } from "jose";

const task = JSON.parse(process.argv[2]);
const authenticate = {
  client_secret_basic: () => openid.ClientSecretBasic(task.client_secret),
  client_secret_post: () => openid.ClientSecretPost(task.client_secret),
  private_key_jwt: async () =>
    openid.PrivateKeyJwt({ key: await importJWK(task.jwk), kid: task.jwk.kid }),
};

const server = await openid.discovery(
  new URL(task.issuer),
  task.client_id,
  undefined,
  await authenticate[task.method](),
  { algorithm: "oauth2", execute: [openid.allowInsecureRequests] }, // loopback has no TLS
);

try {
  const issued = await openid.clientCredentialsGrant(server, task.parameters);
  const token = issued.access_token;
  const before = await openid.tokenIntrospection(server, token);
  const answer = await openid.fetchProtectedResource(server, token, new URL(task.api), "GET");
  const called = { status: answer.status, document: await answer.json() };
  await openid.tokenRevocation(server, token);
  const after = await openid.tokenIntrospection(server, token);
  console.log(JSON.stringify({ issued, before, called, after }));
} catch (refusal) {
  console.log(JSON.stringify({ refused: refusal.error, status: refusal.status ?? null }));
}
