// A real OAuth server that stands where Google would: PKCE required, refresh tokens rotate, and one that comes twice ends the whole grant.
// What a person would click is answered by itself. Prints its address; /_test tells and changes what a test wants.
import * as http from 'node:http';
import { Provider } from 'oidc-provider';

const server = http.createServer();
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const base = `http://127.0.0.1:${server.address().port}`;
const counts = { code: 0, refresh: 0, refused: 0 };
const dead = new Set(); // access tokens that the API takes no more
let latest = [];

const provider = new Provider(base, {
    clients: [{
        client_id: 'app',
        client_secret: 's3cret-s3cret-s3cret-s3cret-s3cret',
        application_type: 'native',
        redirect_uris: ['http://127.0.0.1'],
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: 'client_secret_post',
    }],
    routes: {
        authorization: '/o/oauth2/v2/auth', token: '/token', revocation: '/revoke',
    },
    pkce: { required: () => true, methods: ['S256'] },
    rotateRefreshToken: true,
    issueRefreshToken: async () => true,
    features: { devInteractions: { enabled: false }, revocation: { enabled: true } },
    interactions: { url: (ctx, interaction) => `/_interaction/${interaction.uid}` },
    findAccount: async (ctx, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    cookies: { keys: ['test'] },
    ttl: { AccessToken: 3600, RefreshToken: 86400, AuthorizationCode: 60, Grant: 86400, Session: 600, Interaction: 600 },
    scopes: ['openid', 'offline_access', 'https://www.googleapis.com/auth/youtube'],
});

provider.on('grant.success', (ctx) => {
    counts[ctx.oidc.params.grant_type === 'refresh_token' ? 'refresh' : 'code'] += 1;
    latest.push(ctx.body?.access_token);
});
provider.on('grant.error', () => { counts.refused += 1; });

async function interaction(req, res) {
    const details = await provider.interactionDetails(req, res);
    const grant = new provider.Grant({ accountId: 'ruth', clientId: details.params.client_id });
    grant.addOIDCScope(details.params.scope ?? 'openid');
    const result = { login: { accountId: 'ruth' }, consent: { grantId: await grant.save() } };
    await provider.interactionFinished(req, res, result, { mergeWithLastSubmission: true });
}

function reply(res, status, body) {
    res.writeHead(status, { 'content-type': 'application/json' });
    res.end(JSON.stringify(body));
}

// The API: one who-am-I.
async function me(req, res) {
    const token = (req.headers.authorization ?? '').replace(/^Bearer /, '');
    const found = dead.has(token) ? undefined : await provider.AccessToken.find(token);
    if (!found) reply(res, 401, { error: { code: 401, message: 'Invalid Credentials', errors: [{ reason: 'authError' }] } });
    else reply(res, 200, { items: [{ id: 'UCruth', snippet: { title: 'Ruth' } }] });
}

const callback = provider.callback();
server.on('request', async (req, res) => {
    const path = new URL(req.url, base).pathname;
    try {
        if (path.startsWith('/_interaction/')) await interaction(req, res);
        else if (path === '/youtube/v3/channels') await me(req, res);
        else if (path === '/_test/counts') reply(res, 200, counts);
        else if (path === '/_test/expire') { latest.forEach((t) => dead.add(t)); latest = []; reply(res, 200, {}); }
        else callback(req, res);
    } catch (error) {
        reply(res, 500, { message: String(error) });
    }
});
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
console.log(base);
