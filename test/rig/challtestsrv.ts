import { goTool } from '../../scripts/toolchain/go-tools.mjs';
import { txtAt } from './lookup.ts';
import { freePort } from './ports.ts';
import { listens, startServer } from './process.ts';

/** A question that the server was asked; `Qtype` 16 is TXT, 257 CAA. */
export interface AskedQuestion {
  readonly Name: string;
  readonly Qtype: number;
  readonly Qclass: number;
}

/** Names may be given with or without the trailing dot. */
export interface Challtestsrv {
  /** `address:port` of its DNS server. */
  readonly dnsServer: string;
  /** The base of its management API, for scripts. */
  readonly managementUrl: string;
  readonly pid: number;
  /** Adds a value; the server keeps the ones it has, even the same one. */
  setTxt(name: string, value: string): Promise<void>;
  /** Drops all values of the name. */
  clearTxt(name: string): Promise<void>;
  setCname(name: string, target: string): Promise<void>;
  clearCname(name: string, target: string): Promise<void>;
  /** Has every question for the name answered with SERVFAIL. */
  setServfail(name: string): Promise<void>;
  clearServfail(name: string): Promise<void>;
  addA(name: string, addresses: readonly string[]): Promise<void>;
  addCaa(name: string, policies: readonly { tag: string; value: string }[]): Promise<void>;
  /** The values of the name, as the DNS server answers them; none is an empty array. */
  txt(name: string): Promise<string[]>;
  dnsHistory(name: string): Promise<AskedQuestion[]>;
  clearDnsHistory(name: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a challtestsrv that only serves DNS. It knows no SOA and no NS: authoritative servers cannot be found by it. */
export async function startChalltestsrv({ address = '127.0.0.1' } = {}): Promise<Challtestsrv> {
  const program = await goTool('pebble-challtestsrv');
  const [dnsPort, managementPort] = [await freePort(address), await freePort()];
  const dnsServer = `${address.includes(':') ? `[${address}]` : address}:${dnsPort}`;
  const disabled = ['-http01', '-https01', '-tlsalpn01', '-doh'].flatMap((flag) => [flag, '']);
  const server = await startServer({
    name: 'challtestsrv',
    command: program,
    args: [...disabled, '-dnsserver', dnsServer, '-management', `127.0.0.1:${managementPort}`],
    ready: async () => (await listens(managementPort)) && (await listens(dnsPort, address)),
  });
  const managementUrl = `http://127.0.0.1:${managementPort}`;
  const post = async (endpoint: string, body: object): Promise<string> => {
    const response = await fetch(`${managementUrl}/${endpoint}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    const answer = await response.text();
    if (!response.ok) {
      throw new Error(`challtestsrv ${endpoint} ${JSON.stringify(body)}: ${response.status} ${answer}`);
    }
    return answer;
  };
  const set = async (endpoint: string, body: object): Promise<void> => {
    await post(endpoint, body);
  };
  return {
    dnsServer,
    managementUrl,
    pid: server.pid,
    setTxt: (name, value) => set('set-txt', { host: absolute(name), value }),
    clearTxt: (name) => set('clear-txt', { host: absolute(name) }),
    setCname: (name, target) => set('set-cname', { host: relative(name), target: relative(target) }),
    clearCname: (name, target) => set('clear-cname', { host: relative(name), target: relative(target) }),
    setServfail: (name) => set('set-servfail', { host: relative(name) }),
    clearServfail: (name) => set('clear-servfail', { host: relative(name) }),
    addA: (name, addresses) => set('add-a', { host: relative(name), addresses }),
    addCaa: (name, policies) => set('add-caa', { host: relative(name), policies }),
    txt: (name) => txtAt(dnsServer, relative(name)),
    dnsHistory: async (name) => {
      const events = JSON.parse(await post('dns-request-history', { host: relative(name) })) ?? [];
      return events.map(({ Question }: { Question: AskedQuestion }) => Question);
    },
    clearDnsHistory: (name) => set('clear-request-history', { host: relative(name), type: 'dns' }),
    stop: () => server.stop(),
  };
}

function relative(name: string): string {
  return name.replace(/\.$/, '');
}

function absolute(name: string): string {
  return `${relative(name)}.`;
}
