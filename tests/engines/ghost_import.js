// Imports a file with Ghost's own importer and prints what Ghost then has: node ghost_import.js GHOST FILE
// GHOST is the folder of Ghost's npm package with its dependencies; the database and the pictures are below
// the current folder, which the caller made for this. Reviewed: it starts no server and sends no mail.
const path = require('path');
const fs = require('fs');

const [ghost, file] = process.argv.slice(2).map(name => path.resolve(name));
const content = path.resolve('content');
fs.cpSync(path.join(ghost, 'content'), content, {recursive: true});
for (const name of ['data', 'images', 'media', 'files', 'logs', 'settings', 'public']) {
    fs.mkdirSync(path.join(content, name), {recursive: true});
}
Object.assign(process.env, {
    NODE_ENV: 'testing-selfcheck', // what begins with `testing` imports at once and sends no mail
    url: 'http://127.0.0.1:2368',
    database__client: 'sqlite3',
    database__useNullAsDefault: 'true',
    database__connection__filename: path.join(content, 'data', 'ghost.db'),
    paths__contentPath: content,
    paths__urlCache: path.join(content, 'data'),
    privacy__useUpdateCheck: 'false',
    privacy__useGravatar: 'false'
});
process.chdir(ghost);

(async () => {
    const boot = require(path.join(ghost, 'core', 'boot'));
    await boot({backend: true, frontend: false, server: false});
    const models = require(path.join(ghost, 'core', 'server', 'models'));
    const importer = require(path.join(ghost, 'core', 'server', 'data', 'importer'));
    const owner = await models.User.getOwnerUser({context: {internal: true}});
    const copy = path.join(content, path.basename(file));
    fs.copyFileSync(file, copy); // the importer removes what it has read
    const report = await importer.importFromFile(
        {name: path.basename(file), path: copy, type: 'application/zip'},
        {user: owner.toJSON(), runningInJob: true, returnImportedData: true}
    );
    const posts = await models.Post.findAll({
        filter: 'status:[published,draft,scheduled,sent]+type:post',
        withRelated: ['tags', 'authors', 'posts_meta'],
        context: {internal: true}
    });
    const rows = posts.models.map(post => post.toJSON({formats: ['html', 'plaintext']}));
    const problems = (report.data && report.data.problems) || report.problems || [];
    const errors = ((report.data && report.data.errors) || []).map(String);
    fs.writeFileSync(path.join(content, 'result.json'), JSON.stringify({problems, errors, rows}, null, 1));
    process.exit(0);
})().catch((error) => {
    console.error(error);
    process.exit(1);
});
