import { accounts } from './accounts.ts';
import { alternatives } from './alternatives.ts';
import { certificates } from './certificates.ts';
import { dpkgDatabase } from './dpkg-database.ts';
import { layout } from './layout.ts';
import { settings } from './settings.ts';
import type { MendingStep } from './types.ts';
import { vendor } from './vendor.ts';
import { xmlCatalogs } from './xml-catalogs.ts';

/** In the order in which they are applied. */
export const mendingSteps = {
  layout,
  accounts,
  settings,
  vendor,
  alternatives,
  certificates,
  xmlCatalogs,
  dpkgDatabase,
} satisfies Record<string, MendingStep>;
