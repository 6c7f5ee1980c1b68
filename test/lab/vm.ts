// SPDX-License-Identifier: MIT
import { join } from 'node:path'
import { bootVm as boot } from '../../src/lab/vm.ts'
import type { BootOptions, Vm } from '../../src/lab/vm.ts'

export type { Vm } from '../../src/lab/vm.ts'

/** Where the image of the lab is made. */
export const recipe = join(import.meta.dirname, '../../fixtures/lab')

/** Boots a throw-away guest of this checkout. @throws LabError with the end of the serial console when it does not come up in time. */
export const bootVm = (options: Omit<BootOptions, 'recipe'>): Promise<Vm> => boot({ recipe, ...options })
