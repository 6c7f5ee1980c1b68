// SPDX-License-Identifier: MIT

/** The lab itself failed: no image, no boot, no connection, or a command that ran out of time. */
export class LabError extends Error {
  override readonly name = 'LabError'
}
