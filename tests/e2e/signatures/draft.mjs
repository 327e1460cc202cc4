// Signs and verifies with activitypub-http-signatures: reads orders as JSON from standard input, a
// list, and prints the list of the answers.

import { readFileSync } from 'node:fs';
import { Sha256Signer, default as parser } from 'activitypub-http-signatures';

const lower = (headers) =>
  Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]));

const doing = {
  // Headers of a signed request.
  sign({ method, url, headers, names, key_id, private_key }) {
    const signer = new Sha256Signer({
      publicKeyId: key_id, privateKey: private_key, headerNames: names });
    return Object.entries(signer.generateHeaders({ method, url, headers: lower(headers) }));
  },
  // Whether a signature is right. The library leaves the body and the time to others.
  verify({ method, target, headers, public_key }) {
    try {
      const request = { method, url: target, headers: lower(headers) };
      return parser.parse(request).verify(public_key);
    } catch {
      return false;
    }
  },
};

const orders = JSON.parse(readFileSync(0));
console.log(JSON.stringify(orders.map((order) => doing[order.do](order))));
