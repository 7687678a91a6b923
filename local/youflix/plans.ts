/** The plans on offer. Few enough to write down; the same for every seed. */
import type { Random } from '../random.ts';
import { instant, type Plan } from './rows.ts';

const launched = Date.UTC(2020, 11, 1, 9);
const repriced = Date.UTC(2024, 5, 3, 6, 30);

const basicWithAds = plan(1, 'Basic with Ads', 5.99, 1, {
  hasAds: true,
  description: 'All films, "some" adverts.\nOne screen.',
});
const basic = plan(2, 'Basic', 8.99, 1, { description: '' });
const standard = plan(3, 'Standard', 12.99, 2, { description: 'Two screens, full HD; downloads on two devices.' });
const premium = plan(4, 'Premium', 17.99, 4, { description: 'Quatre écrans, 4K · 家族みんなで 🍿' });
const student = plan(5, 'Student', 6.49, 1, { description: '=Standard, at half the price' });
const classic = plan(6, 'Classic (withdrawn)', 7.5, 1, { isDeleted: true });

/** In the order of their keys, which are fixed. */
export const plans: readonly Plan[] = [basicWithAds, basic, standard, premium, student, classic];

/** How often each plan on offer is chosen. */
const shares = [
  { plan: standard, weight: 34 },
  { plan: basicWithAds, weight: 24 },
  { plan: basic, weight: 18 },
  { plan: premium, weight: 16 },
  { plan: student, weight: 7 },
];
const pastShares = [...shares, { plan: classic, weight: 1 }];

/** The plan that a new subscriber takes. */
export function pickPlan(random: Random): Plan {
  return random.weighted(shares).plan;
}

/** The plan of a subscription of the past, when the withdrawn one could still be had. */
export function pickPastPlan(random: Random): Plan {
  return random.weighted(pastShares).plan;
}

function plan(
  planId: number,
  name: string,
  monthlyPrice: number,
  maxScreens: number,
  rest: { hasAds?: boolean; description?: string; isDeleted?: boolean },
): Plan {
  return {
    planId,
    name,
    monthlyPrice,
    currency: 'EUR',
    maxScreens,
    hasAds: rest.hasAds ?? false,
    description: rest.description ?? null,
    isDeleted: rest.isDeleted ?? false,
    createdAt: new Date(launched),
    modifiedAt: instant(repriced, planId * 1_234 + 1),
  };
}
