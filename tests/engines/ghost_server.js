// Called by ghost.py as: node ghost_server.js GHOST CONTENT URL. Serves a new site on loopback with Ghost's own code.
// GHOST is the folder of Ghost's npm package; all that is written is below CONTENT. `ready` is written there when the
// site is up and its authors exist; SIGUSR2 shows Ghost's own page of maintenance. It sends no mail.
const path = require('path');
const fs = require('fs');

const [ghost, content] = process.argv.slice(2, 4).map(name => path.resolve(name));
const url = process.argv[4];
fs.cpSync(path.join(ghost, 'content'), content, {recursive: true});
for (const name of ['data', 'images', 'media', 'files', 'logs', 'settings', 'public']) {
    fs.mkdirSync(path.join(content, name), {recursive: true});
}
Object.assign(process.env, {
    NODE_ENV: 'testing-selfcheck',
    url,
    server__host: '127.0.0.1',
    server__port: new URL(url).port,
    database__client: 'sqlite3',
    database__useNullAsDefault: 'true',
    database__connection__filename: path.join(content, 'data', 'ghost.db'),
    paths__contentPath: content,
    paths__urlCache: path.join(content, 'data'),
    mail__transport: 'stub',
    security__staffDeviceVerification: 'false', // it would send a code by mail
    privacy__useUpdateCheck: 'false',
    privacy__useGravatar: 'false'
});
process.chdir(ghost);

(async () => {
    const server = await require(path.join(ghost, 'core', 'boot'))();
    const models = require(path.join(ghost, 'core', 'server', 'models'));
    const ids = {};
    for (const slug of ['jane', 'editor', 'newcomer', 'leaver', 'suspended']) {
        const user = await models.User.add(
            {name: slug, slug, email: `${slug}@example.org`, password: 'of-the-test-8361', status: 'active', roles: ['Author']},
            {context: {internal: true}}
        );
        ids[slug] = user.id;
    }
    const urls = require(path.join(ghost, 'core', 'server', 'services', 'url'));
    while (!urls.hasFinished()) { // until then Ghost answers everything with its page of maintenance
        await new Promise(resolve => setTimeout(resolve, 100));
    }
    process.on('SIGUSR2', () => server.rootApp.enable('maintenance'));
    fs.writeFileSync(path.join(content, 'ready.part'), JSON.stringify(ids));
    fs.renameSync(path.join(content, 'ready.part'), path.join(content, 'ready'));
})().catch((error) => {
    console.error(error);
    process.exit(1);
});
