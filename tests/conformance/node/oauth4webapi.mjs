// The life of a token, by oauth4webapi: told what to do as JSON, prints what happened as JSON.
import * as oauth from "oauth4webapi";
import { importJWK } from "jose";

const task = JSON.parse(process.argv[2]);
const plain = { [oauth.allowInsecureRequests]: true }; // loopback has no TLS
const client = { client_id: task.client_id };
const authenticate = {
  client_secret_basic: () => oauth.ClientSecretBasic(task.client_secret),
  client_secret_post: () => oauth.ClientSecretPost(task.client_secret),
  private_key_jwt: async () =>
    oauth.PrivateKeyJwt({ key: await importJWK(task.jwk), kid: task.jwk.kid }),
};

const issuer = new URL(task.issuer);
const server = await oauth.processDiscoveryResponse(
  issuer,
  await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...plain }),
);
const credentials = await authenticate[task.method]();

async function getToken() {
  const answer = await oauth.clientCredentialsGrantRequest(
    server, client, credentials, new URLSearchParams(task.parameters), plain,
  );
  return oauth.processClientCredentialsResponse(server, client, answer);
}

async function introspect(token) {
  const answer = await oauth.introspectionRequest(server, client, credentials, token, plain);
  return oauth.processIntrospectionResponse(server, client, answer);
}

async function call(token) {
  const url = new URL(task.api);
  const answer = await oauth.protectedResourceRequest(token, "GET", url, undefined, null, plain);
  return { status: answer.status, document: await answer.json() };
}

async function revoke(token) {
  const answer = await oauth.revocationRequest(server, client, credentials, token, plain);
  await oauth.processRevocationResponse(answer);
}

try {
  const issued = await getToken();
  const before = await introspect(issued.access_token);
  const called = await call(issued.access_token);
  await revoke(issued.access_token);
  const after = await introspect(issued.access_token);
  console.log(JSON.stringify({ issued, before, called, after }));
} catch (refusal) {
  console.log(JSON.stringify({ refused: refusal.error, status: refusal.status ?? null }));
}
