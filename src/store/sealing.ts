import { Failure, messageOf } from '../failure.ts';

/** How private parts are kept: as age files (age-encryption.org/v1). */
export interface SealingSettings {
  /** An age identity, `AGE-SECRET-KEY-1…`. */
  identity: string | undefined;
  passphrase: string | undefined;
  /** age public keys, `age1…`, that can read beside the identity. */
  recipients: string[];
}

/** Seals and opens the private parts of a store. */
export class Sealing {
  readonly #settings: SealingSettings;

  constructor(settings: SealingSettings) {
    this.#settings = settings;
  }

  /** Whether what was sealed can be opened again by this run, not only written. */
  get canOpen(): boolean {
    return this.#settings.identity !== undefined || this.#settings.passphrase !== undefined;
  }

  /** An ASCII-armored age file, as `age -d` reads it. */
  async seal(text: string): Promise<string> {
    const age = await import('age-encryption');
    const { identity, passphrase, recipients } = this.#settings;
    const encrypter = new age.Encrypter();
    try {
      if (passphrase !== undefined) {
        encrypter.setPassphrase(passphrase);
      }
      const own = identity === undefined ? [] : [await age.identityToRecipient(identity)];
      for (const recipient of new Set([...own, ...recipients])) {
        encrypter.addRecipient(recipient);
      }
    } catch (error) {
      throw new Failure(
        'The store cannot be written',
        `A key of store-key or store-recipients is not valid: ${messageOf(error)}`,
        'Check that it is complete; age-keygen -y shows the public key of an identity.',
        error,
      );
    }
    return age.armor.encode(await encrypter.encrypt(text));
  }

  /**
   * @param place the file, for messages
   * @throws Failure when the file is damaged or for another key
   */
  async open(armored: string, place: string): Promise<string> {
    const age = await import('age-encryption');
    const { identity, passphrase } = this.#settings;
    const decrypter = new age.Decrypter();
    try {
      if (passphrase !== undefined) {
        decrypter.addPassphrase(passphrase);
      }
      if (identity !== undefined) {
        decrypter.addIdentity(identity);
      }
      return await decrypter.decrypt(age.armor.decode(armored), 'text');
    } catch (error) {
      throw new Failure(
        'The store cannot be opened',
        `${place} cannot be opened with store-key: ${messageOf(error)}`,
        'Give the key that the store was written with; if it is lost, remove the file to begin anew with another.',
        error,
      );
    }
  }
}
