import { computed, type Ref } from 'vue'

import { hosts } from '@/api/hosts'
import type { Host } from '@/api/types'
import { isBeingChecked } from '@/lib/admin/hosts'

import { useAct } from '@/composables/request/useAct'
import { useNow } from '@/composables/screen/useNow'
import { usePolling } from '@/composables/request/usePolling'

const AT_ONCE = 100

/** Requests checks of hosts, and reloads the hosts on the screen until each has its result. */
export function useHostChecks(shown: Ref<readonly Host[]>, replace: (fresh: Host[]) => void) {
  const now = useNow()
  const waiting = computed(() => shown.value.filter((host) => isBeingChecked(host, now.value)))
  const asking = useAct((key, names: string[]) => hosts.check(names, key))

  async function fetch(names: string[]) {
    const page = await hosts.list({ names: names.slice(0, AT_ONCE).join(','), limit: AT_ONCE })
    replace(page.results)
  }
  async function check(names: string[]): Promise<boolean> {
    if (!(await asking.act(names))) return false
    await fetch(names).catch(() => undefined) // polling tries again
    return true
  }
  usePolling(
    () => fetch(waiting.value.map(({ name }) => name)).catch(() => undefined),
    () => (waiting.value.length ? 1500 : null),
  )
  return { waiting, pending: asking.pending, error: asking.error, check }
}
