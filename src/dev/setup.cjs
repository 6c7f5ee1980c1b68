'use strict';
// Brings a checkout to where its commands work: dependencies as locked, and dist built. Silent when nothing is to be done.
// Read by whatever Node the machine has (Debian 12 brings 18), so: CommonJS, no dependency, no new syntax.
const { spawnSync } = require('node:child_process');
const { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { dirname, join } = require('node:path');

const root = join(__dirname, '../..');
const modules = join(root, 'node_modules');
const developmentNode = join(modules, '.bin/node');
const packagedNode = join(modules, 'node-linux-' + process.arch, 'bin/node');
/** What tsdown and vitest ask for. */
const OLDEST_NODE = [22, 18];

function main() {
  if (process.platform !== 'linux') fail('routecause is for Linux, this is ' + process.platform, 'use a Linux machine, virtual or real');
  if (!isInstalled()) install();
  const node = chooseNode();
  if (process.argv.includes('--rebuild') || isStale()) build(node);
}

function say(text) { process.stderr.write('setup: ' + text + '\n'); }

function fail(problem, remedy) {
  process.stderr.write('setup: ' + problem + '\n  remedy: ' + remedy + '\n');
  process.exit(1);
}

/** Compares what npm says it installed with the lock file, package by package; times of files tell nothing after a checkout. */
function isInstalled() {
  let locked, installed;
  try {
    locked = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
    installed = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8')).packages;
  } catch {
    // No node_modules, or an installation that was cut short.
    return false;
  }
  return Object.keys(locked).every(function (path) {
    const want = locked[path];
    const have = installed[path];
    // The checkout itself, and folders of it that are linked: npm versions write these down differently.
    if (!path.startsWith('node_modules/')) return true;
    if (want.link === true) return existsSync(join(root, path));
    if (have === undefined) return want.optional === true && !isForThisMachine(want);
    return have.version === want.version && have.integrity === want.integrity && existsSync(join(root, path));
  });
}

/** Made for this system and processor by name. What is for one C library only, or for systems without binaries, npm may rightly leave out. */
function isForThisMachine(entry) {
  return entry.libc === undefined && entry.os !== undefined && entry.os.includes(process.platform) && entry.cpu !== undefined && entry.cpu.includes(process.arch);
}

function install() {
  say('installing dependencies, which is done once and takes a minute or less (npm ci)');
  installWith(process.execPath);
  // npm leaves out binaries (optional packages) that do not want the Node it runs on; by now there is one that they do want.
  if (Number(process.versions.node.split('.')[0]) < 20 && existsSync(packagedNode)) {
    const folder = mkdtempSync(join(tmpdir(), 'routecause-setup-'));
    copyFileSync(packagedNode, join(folder, 'node'));
    say('once more, since Node ' + process.versions.node + ' is old');
    installWith(join(folder, 'node'));
    rmSync(folder, { recursive: true });
  }
  if (!isInstalled()) fail('npm ci left packages out', 'run: rm -rf node_modules, then the same command again');
}

function installWith(node) {
  // NODE_ENV=production or an `omit` in somebody's npm configuration would leave out what the build and the tests need.
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--include=dev', '--include=optional'];
  // The npm that runs this, if one does: it may not be in PATH.
  const npm = process.env.npm_execpath;
  const options = { cwd: root, stdio: ['ignore', 2, 2], env: Object.assign({}, process.env, { PATH: dirname(node) + ':' + process.env.PATH, NODE_NO_WARNINGS: '1' }) };
  const result = npm === undefined || !npm.endsWith('npm-cli.js') ? spawnSync('npm', args, options) : spawnSync(node, [npm].concat(args), options);
  if (result.error) fail('npm could not be started: ' + result.error.message, 'install npm 10 or newer');
  if (result.status !== 0) fail('npm ci ended with exit code ' + result.status + '; what it said stands above', 'check the network and the registry (npm ping), then run the same command again');
}

function chooseNode() {
  // npm 9 installs that package without linking its command.
  if (!existsSync(developmentNode) && existsSync(packagedNode)) symlinkSync('../node-linux-' + process.arch + '/bin/node', developmentNode);
  if (existsSync(developmentNode)) {
    if (spawnSync(developmentNode, ['--version'], { stdio: 'ignore' }).status === 0) return developmentNode;
    fail('the Node from npm (node-linux-' + process.arch + ') does not run here: it needs glibc', 'use a distribution with glibc');
  }
  const version = process.versions.node.split('.').map(Number);
  if (version[0] > OLDEST_NODE[0] || (version[0] === OLDEST_NODE[0] && version[1] >= OLDEST_NODE[1])) return process.execPath;
  return fail('Node ' + process.versions.node + ' is too old, and npm has no newer one for ' + process.arch, 'install Node ' + OLDEST_NODE.join('.') + ' or newer');
}

/** dist is older than a file it is made of, or missing. */
function isStale() {
  const built = changedAt(join(root, 'dist/routecause.cjs'));
  return built === 0 || !existsSync(join(root, 'dist/main.mjs')) || newestIn(join(root, 'src')) > built || changedAt(join(root, 'tsdown.config.ts')) > built;
}

function changedAt(path) {
  try {
    return statSync(path).mtimeMs;
  } catch {
    // Not there.
    return 0;
  }
}

function newestIn(folder) {
  return readdirSync(folder, { withFileTypes: true }).reduce(function (newest, entry) {
    const path = join(folder, entry.name);
    return Math.max(newest, entry.isDirectory() ? newestIn(path) : changedAt(path));
  }, 0);
}

function build(node) {
  say('building dist (tsdown)');
  const result = spawnSync(node, [join(modules, 'tsdown/dist/run.mjs'), '--logLevel', 'error'], { cwd: root, encoding: 'utf8' });
  if (result.status === 0) return;
  process.stderr.write((result.stdout || '') + (result.stderr || ''));
  fail('the build failed; what it said stands above', 'mend the source, then run the same command again');
}

main();
