import { JsonReader, type JsonReaderOptions } from './json-reader.ts';
import type { Directory } from './session.ts';

/**
 * The address of the terms of service that a CA wants agreed to (RFC 8555 section 7.1.1).
 *
 * @returns undefined when the CA has none, or cannot be reached
 */
export async function readTermsOfService(
  directoryUrl: string,
  options: JsonReaderOptions,
): Promise<string | undefined> {
  const reader = new JsonReader(options);
  try {
    return ((await reader.get(directoryUrl)) as Partial<Directory>).meta?.termsOfService;
  } catch {
    return undefined;
  } finally {
    reader.close();
  }
}
