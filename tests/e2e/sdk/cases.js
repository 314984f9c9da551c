// Runs the cases of one SDK, one after the other, and prints a line for each record that
// must be there: its id and how it has to have ended. Ends with 1 when a case fails.
"use strict";

const cases = [];

exports.test = (name, run) => cases.push({ name, run });

// "ID STATUS", as the service names it.
exports.expectRecord = (id, status = "OK") => {
  if (!/^[0-9a-f-]{36}$/.test(id ?? "")) throw new Error(`no record's id: ${id}`);
  console.log(`record ${id} RECORD_STATUS_${status}`);
};

exports.run = async () => {
  for (const { name, run } of cases) {
    try {
      await run();
      console.log(`passed ${name}`);
    } catch (error) {
      console.log(`FAILED ${name}: ${error.stack}`);
      process.exitCode = 1;
    }
  }
};
