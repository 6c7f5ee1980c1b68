'use strict';
// Sums up the JSON results of vitest runs (files given as arguments) as one line: "N passed, N failed". A file that could
// not be loaded counts as one failure; so does a result that is missing. Before that line, each failed test in a few words.
const { readFileSync } = require('node:fs');

const MESSAGE_CHARACTERS = 700;

/** The end of a long log is all that some places keep: what failed has to stand there. */
function tell(file) {
  file.assertionResults.filter(function (test) { return test.status === 'failed'; }).forEach(function (test) {
    // eslint-disable-next-line no-control-regex
    const message = test.failureMessages.join('\n').replace(/\u001b\[[0-9;]*m/g, '').replace(/\n\s*at .*/g, '');
    process.stdout.write('failed: ' + test.fullName + '\n  ' + message.slice(0, MESSAGE_CHARACTERS).replace(/\n/g, '\n  ') + '\n');
  });
}

let passed = 0;
let failed = 0;
for (const path of process.argv.slice(2)) {
  let result;
  try {
    result = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    process.stderr.write(path + ': no result of a test run: ' + error.message + '\n');
    failed += 1;
    continue;
  }
  result.testResults.forEach(tell);
  passed += result.numPassedTests;
  failed += result.numFailedTests;
  failed += result.testResults.filter(function (file) {
    return file.status === 'failed' && !file.assertionResults.some(function (test) { return test.status === 'failed'; });
  }).length;
}
process.stdout.write(passed + ' passed, ' + failed + ' failed\n');
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
