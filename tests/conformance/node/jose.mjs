// Verifies an access token by jose, with the published keys; prints header and claims as JSON.
import { createRemoteJWKSet, jwtVerify } from "jose";

const task = JSON.parse(process.argv[2]);
const keys = createRemoteJWKSet(new URL(task.jwks_uri));

try {
  const { protectedHeader, payload } = await jwtVerify(task.token, keys, {
    issuer: task.issuer,
    audience: task.audience,
    typ: "at+jwt",
    algorithms: [task.algorithm],
    requiredClaims: ["sub", "client_id", "iat", "exp", "jti"],
  });
  console.log(JSON.stringify({ header: protectedHeader, claims: payload }));
} catch (refusal) {
  console.log(JSON.stringify({ refused: refusal.code }));
}
