#!/usr/bin/env node
'use strict';
// Even a Node too old for the rest reads this file, so that it can say so.
var version = process.versions.node.split('.');
if (Number(version[0]) < 22 || (Number(version[0]) === 22 && Number(version[1]) < 15)) {
  process.stderr.write('routecause: Node ' + process.versions.node + ' is too old\n  remedy: install Node 22.15 or newer; in a checkout, npm start brings its own\n');
  process.exit(1);
}
process.env.NODE_ENV = process.env.NODE_ENV || 'production';
import('./main.mjs').catch(function (error) {
  process.stderr.write('routecause: it is not installed whole: ' + (error && error.message) + '\n  remedy: install it again; in a checkout: npm run setup\n');
  process.exit(1);
});
