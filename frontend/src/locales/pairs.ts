import events from './events.json'
import nodeTypes from './nodeTypes.json'

import type { LocaleName } from '@/i18n'

type Pair = Record<LocaleName, string>
interface Pairs {
  [key: string]: Pair | Pairs
}
interface Words {
  [key: string]: string | Words
}

const isPair = (node: Pair | Pairs): node is Pair => typeof node.en === 'string'

const pick = (pairs: Pairs, locale: LocaleName): Words =>
  Object.fromEntries(
    Object.entries(pairs).map(([key, node]) => [
      key,
      isPair(node) ? node[locale] : pick(node, locale),
    ]),
  )

/** Texts of kinds that are added one by one: both languages on one line, so that a new kind touches one file. */
export const pairs = (locale: LocaleName) => ({
  event: pick(events, locale),
  nodeType: pick(nodeTypes, locale),
})
