import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';

/** One HTTPS request to a server of the rig. An answer of 400 or more is an error. */
export async function httpsText(
  url: string,
  { rootCertificate, body }: { rootCertificate: string; body?: string },
): Promise<string> {
  const method = body === undefined ? 'GET' : 'POST';
  const headers = { 'user-agent': 'rig' };
  const sent = request(url, { method, headers, ca: readFileSync(rootCertificate), agent: false });
  sent.end(body);
  const [response] = await once(sent, 'response');
  const answer = await text(response);
  if (response.statusCode >= 400) {
    throw new Error(`${method} ${url}: ${response.statusCode} ${answer}`);
  }
  return answer;
}
