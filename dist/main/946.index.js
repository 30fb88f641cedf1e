export const id = 946;
export const ids = [946];
export const modules = {

/***/ 1946:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  AcmeSession: () => (/* binding */ AcmeSession)
});

// UNUSED EXPORTS: parseLinks

// EXTERNAL MODULE: ./build/failure.js
var failure = __webpack_require__(9874);
// EXTERNAL MODULE: ./build/acme/problem.js
var problem = __webpack_require__(3772);
// EXTERNAL MODULE: ./build/acme/retry.js
var retry = __webpack_require__(9725);
// EXTERNAL MODULE: external "node:https"
var external_node_https_ = __webpack_require__(4708);
// EXTERNAL MODULE: external "node:tls"
var external_node_tls_ = __webpack_require__(1692);
var external_node_tls_namespaceObject = /*#__PURE__*/__webpack_require__.t(external_node_tls_, 2);
// EXTERNAL MODULE: ./node_modules/acme-client/src/axios.js
var axios = __webpack_require__(5357);
// EXTERNAL MODULE: ./node_modules/acme-client/src/http.js
var http = __webpack_require__(5303);
// EXTERNAL MODULE: ./build/parallel.js
var parallel = __webpack_require__(8325);
;// CONCATENATED MODULE: ./build/version.js
/** The version of this action, as the CA sees it in the User-Agent header; a test keeps it equal to package.json's. */
const version = '0.1.0';

;// CONCATENATED MODULE: ./build/acme/nonces.js
/**
 * The anti-replay nonces of one session (RFC 8555 section 6.5). Each signed request spends one and its answer brings the
 * next, so the number ever fetched is also the number of requests under way at once.
 */
class NoncePool {
    #limit;
    #fetch;
    #free = [];
    #waiting = [];
    #minted = 0;
    /**
     * @param limit how many signed requests run side by side
     * @param fetch asks the CA for a nonce
     */
    constructor(limit, fetch) {
        this.#limit = limit;
        this.#fetch = fetch;
    }
    /** A nonce to spend: a free one, a fetched one while the limit allows, else the next that an answer brings. */
    async take() {
        for (;;) {
            const free = this.#free.pop();
            if (free !== undefined) {
                return free;
            }
            if (this.#minted < this.#limit) {
                this.#minted += 1;
                try {
                    return await this.#fetch();
                }
                catch (error) {
                    this.lose();
                    throw error;
                }
            }
            const given = await new Promise((resolve) => this.#waiting.push(resolve));
            if (given !== undefined) {
                return given;
            }
        }
    }
    /** Takes the nonce that an answer brought. */
    give(nonce) {
        const next = this.#waiting.shift();
        if (next === undefined) {
            this.#free.push(nonce);
        }
        else {
            next(nonce);
        }
    }
    /** Notes that a nonce was spent on a request that brought none back. */
    lose() {
        this.#minted -= 1;
        this.#waiting.shift()?.(undefined);
    }
}

;// CONCATENATED MODULE: ./build/acme/transport.js










/** Signed requests side by side; each costs one request for its first nonce. */
const requestsAtOnce = 4;
/** No answer of a CA is larger than this, in octets. */
const largestAnswer = 4 * 1024 * 1024;
/**
 * acme-client's HTTP client with what it lacks: nonces that are reused, time-outs, bounded retries, proxies, errors that
 * keep what the CA said, and a count of the requests.
 */
class Transport extends http {
    requests = 0;
    signal;
    /** What the request under way is for, in words that start an error message. */
    #purposes = new Map();
    #options;
    #axios;
    #agent;
    #nonces;
    constructor(options) {
        super(options.directoryUrl, options.accountKey, options.externalAccountBinding);
        this.maxBadNonceRetries = 10;
        this.signal = options.signal;
        this.#options = options;
        this.#agent = new external_node_https_.Agent({
            keepAlive: true,
            proxyEnv: process.env,
            ...(options.roots.length > 0 && { ca: [...trustedRoots(), ...options.roots] }),
        });
        this.#axios = axios.create({
            httpsAgent: this.#agent,
            proxy: false,
            validateStatus: null,
            maxContentLength: largestAnswer,
            headers: { 'User-Agent': `acme-exec/${version} node/${process.versions.node}` },
        });
        this.#nonces = new NoncePool(requestsAtOnce, () => super.getNonce());
    }
    getNonce() {
        return this.#nonces.take();
    }
    /** Names what requests to a URL are for. */
    describe(url, purpose) {
        this.#purposes.set(url, purpose);
    }
    /** Ends the connections. */
    close() {
        this.#agent.destroy();
    }
    /**
     * Sends one request, again where that helps.
     *
     * @throws AcmeProblem when the CA refuses it, except for badNonce, which acme-client answers itself
     * @throws Failure when no answer comes
     */
    async request(url, method, options = {}) {
        const spendsNonce = method === 'post';
        try {
            const response = await this.#sendUntilAnswered(url, method, options);
            const nonce = response.headers['replay-nonce'];
            if (isBadNonce(response)) {
                if (typeof nonce !== 'string') {
                    this.#nonces.lose();
                }
                return response;
            }
            if (spendsNonce) {
                typeof nonce === 'string' ? this.#nonces.give(nonce) : this.#nonces.lose();
            }
            if (response.status >= 400) {
                throw this.#problem(url, method, response);
            }
            return response;
        }
        catch (error) {
            if (spendsNonce && !(error instanceof problem/* AcmeProblem */.o2)) {
                this.#nonces.lose();
            }
            throw error;
        }
    }
    async #sendUntilAnswered(url, method, options) {
        for (let attempt = 1;; attempt += 1) {
            const outcome = await this.#send(url, method, options);
            if (outcome.refusal === undefined) {
                return outcome.response;
            }
            const pause = (0,retry/* pauseBeforeRetry */.Gw)(attempt, outcome.refusal);
            if (pause === undefined) {
                if (outcome.response !== undefined) {
                    return outcome.response;
                }
                throw unreachable(this.#purpose(url, method), url, outcome, this.#options.requestTimeout);
            }
            this.#options.log.info(`The CA ${describeRefusal(outcome.refusal)}; asking again in ${(pause / 1000).toFixed(1)} s (${method.toUpperCase()} ${url}).`);
            await (0,parallel/* delay */.c)(pause, this.signal);
        }
    }
    async #send(url, method, options) {
        const { log, requestTimeout } = this.#options;
        const { signal } = this;
        const timeUp = AbortSignal.timeout(requestTimeout);
        const started = performance.now();
        const took = () => `${Math.round(performance.now() - started)} ms`;
        const request = `${method.toUpperCase()} ${url}`;
        this.requests += 1;
        try {
            const response = await this.#axios.request({
                ...options,
                url,
                method,
                maxRedirects: method === 'post' ? 0 : 5,
                signal: AbortSignal.any([signal, timeUp]),
                headers: { ...options.headers, 'Content-Type': 'application/jose+json' },
            });
            log.debug(`${request} → ${response.status} in ${took()}`);
            if (response.status === 429 || response.status >= 500) {
                const retryAfter = (0,retry/* parseRetryAfter */.mu)(response.headers['retry-after'], Date.now());
                return { response, refusal: { kind: 'status', status: response.status, retryAfter } };
            }
            return { response, refusal: undefined };
        }
        catch (error) {
            signal.throwIfAborted();
            log.debug(`${request} → ${timeUp.aborted ? 'time-out' : (0,failure/* codeOf */.$N)(error)} after ${took()}`);
            const refusal = timeUp.aborted
                ? { kind: 'time-out' }
                : { kind: 'network', code: (0,failure/* codeOf */.$N)(error) || (0,failure/* messageOf */.bD)(error) };
            return { response: undefined, refusal, error };
        }
    }
    #purpose(url, method) {
        return this.#purposes.get(url) ?? `${method.toUpperCase()} ${url}`;
    }
    #problem(url, method, response) {
        const retryAfter = (0,retry/* parseRetryAfter */.mu)(response.headers['retry-after'], Date.now());
        const note = retryAfter === undefined
            ? ''
            : `\nIt asks to come back in ${Math.ceil(retryAfter / 1000)} s (${new Date(Date.now() + retryAfter).toISOString()}); a run waits ${retry/* longestRetryAfter */.P1 / 1000} s at most.`;
        return new problem/* AcmeProblem */.o2(this.#purpose(url, method), response.status, response.data, note);
    }
}
/** What Node trusts by default, NODE_EXTRA_CA_CERTS included where Node can tell. */
function trustedRoots() {
    return "getCACertificates" in external_node_tls_namespaceObject
        ? external_node_tls_.getCACertificates('default')
        : external_node_tls_.rootCertificates;
}
/** Whether the CA did not accept a nonce; acme-client then signs again with the nonce of this answer. */
function isBadNonce(response) {
    return response.status === 400 && response.data?.type === 'urn:ietf:params:acme:error:badNonce';
}
function describeRefusal(refusal) {
    switch (refusal.kind) {
        case 'time-out':
            return 'does not answer';
        case 'network':
            return `cannot be reached (${refusal.code})`;
        case 'status':
            return `answered HTTP ${refusal.status}`;
    }
}
function unreachable(purpose, url, outcome, requestTimeout) {
    const { refusal, error } = outcome;
    const host = URL.canParse(url) ? new URL(url).host : url;
    if (refusal.kind === 'time-out') {
        return new failure/* Failure */.HR('The CA does not answer', `${purpose}: ${host} gave no answer within ${requestTimeout / 1000} s.`, 'Run again later; check that a firewall or proxy lets the runner reach the CA.', error);
    }
    const code = refusal.kind === 'network' ? refusal.code : '';
    const untrusted = /CERT|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET_ISSUER)/.test(code);
    return new failure/* Failure */.HR(untrusted ? "The CA's own certificate is not trusted" : 'The CA cannot be reached', `${purpose}: the connection to ${host} failed: ${(0,failure/* messageOf */.bD)(error)}${code === '' || (0,failure/* messageOf */.bD)(error).includes(code) ? '' : ` (${code})`}`, untrusted
        ? 'Give the roots of a private CA with ca-certificates.'
        : 'Check the server input and the network of the runner, then run again.', error);
}

;// CONCATENATED MODULE: ./build/acme/session.js




/**
 * The conversation with one CA by one account key. Many orders may share it: the directory, the account and the nonces
 * are asked for once.
 */
class AcmeSession {
    directoryUrl;
    /** Set by the account's registration; all other requests are signed in its name. */
    accountUrl;
    #transport;
    constructor(options) {
        this.directoryUrl = options.directoryUrl;
        this.#transport = new Transport(options);
    }
    /** Ends requests and waits when aborted. */
    get signal() {
        return this.#transport.signal;
    }
    /** From here on, another signal ends requests: for what is still owed to the CA when a run fails or is cancelled. */
    endWith(signal) {
        this.#transport.signal = signal;
    }
    /** How many requests were sent, retries included. */
    get requests() {
        return this.#transport.requests;
    }
    /** The public key of the account (RFC 7517). */
    get accountJwk() {
        return this.#transport.getJwk();
    }
    /**
     * The CA's directory, asked for once.
     *
     * @throws Failure when the URL gives something else
     */
    async directory() {
        this.#transport.describe(this.directoryUrl, "The CA's directory");
        const directory = await this.#transport.getDirectory();
        const fields = ['newNonce', 'newAccount', 'newOrder'];
        const missing = fields.filter((field) => typeof directory?.[field] !== 'string');
        if (missing.length > 0) {
            throw new failure/* Failure */.HR('This is no ACME directory', `${this.directoryUrl} does not answer with an ACME directory: it has no ${missing.join(', ')}.`, 'Check the server input: it takes the URL of the directory itself.');
        }
        return directory;
    }
    /**
     * Sends a signed request.
     *
     * @param purpose what it is for, in words that start an error message
     * @param payload undefined reads a resource (POST-as-GET, RFC 8555 section 6.3)
     * @throws AcmeProblem when the CA refuses it; Failure when no answer comes
     */
    async post(target, purpose, payload, options = {}) {
        const url = 'url' in target ? target.url : await this.#resource(target.resource);
        this.#transport.describe(url, purpose);
        const response = await this.#transport.signedRequest(url, payload ?? null, {
            kid: options.asNewAccount ? null : (this.accountUrl ?? null),
            includeExternalAccountBinding: options.asNewAccount ?? false,
        });
        if (isBadNonce(response)) {
            throw new problem/* AcmeProblem */.o2(purpose, response.status, response.data);
        }
        return toAnswer(response);
    }
    /** Ends the connections to the CA. */
    close() {
        this.#transport.close();
    }
    async #resource(name) {
        const url = (await this.directory())[name];
        if (url === undefined) {
            throw new failure/* Failure */.HR('The CA cannot do this', `The directory ${this.directoryUrl} offers no ${name}.`, 'Choose another CA.');
        }
        return url;
    }
}
function toAnswer(response) {
    const { location, link } = response.headers;
    return {
        status: response.status,
        body: response.data,
        location: typeof location === 'string' ? location : undefined,
        retryAfter: (0,retry/* parseRetryAfter */.mu)(response.headers['retry-after'], Date.now()),
        links: typeof link === 'string' ? parseLinks(link) : [],
    };
}
/** Reads a Link header (RFC 8288): `<url>;rel="name"`, several separated by commas. */
function parseLinks(header) {
    return [...header.matchAll(/<([^>]*)>\s*;[^,<]*?\brel="?([^",;\s]+)"?/g)].map(([, url = '', relation = '']) => ({
        relation,
        url,
    }));
}


/***/ })

};
