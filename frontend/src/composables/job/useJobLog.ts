import { computed, ref, shallowRef, triggerRef } from 'vue'

import { toApiError, type ApiError } from '@/api/errors'
import { jobs } from '@/api/jobs'
import type { LogPart } from '@/api/types'
import { LogWindow } from '@/lib/job/window'

import { TAIL, useLogTail } from './useLogTail'

const PART = 64_000

/**
 * A window of a run's log: it follows the end while the run goes on, and never holds all of a long log.
 *
 * `from` and `to` are the offsets of the loaded part, of `size`. `earlier` loads the text before it, and drops the
 * end if the window becomes too long; `toEnd` returns to the end.
 */
export function useJobLog(id: number, hosts: () => string[]) {
  const held = shallowRef(new LogWindow(hosts))
  const part = <K extends keyof LogWindow>(name: K) => computed(() => held.value[name])
  const loading = ref(false)
  const error = shallowRef<ApiError | null>(null)
  const tail = useLogTail(id, held, error)

  /** Loads a part. `take` puts it into the window, unless the window has moved meanwhile. */
  async function read(offset: number, take: (window: LogWindow, part: LogPart) => void) {
    const isStill = tail.mark()
    loading.value = true
    try {
      const part = await jobs.log(id, offset)
      if (!isStill()) return
      take(held.value, part)
      if (!held.value.isAtEnd) tail.pause()
      triggerRef(held)
    } catch (thrown) {
      error.value = toApiError(thrown)
    } finally {
      loading.value = false
    }
  }

  async function earlier(): Promise<void> {
    const { from } = held.value
    if (loading.value || !from) return
    const start = Math.max(0, from - PART)
    await read(start, (window, part) => {
      if (window.from === from) window.prepend(part, start)
    })
  }
  /** Shows the log from the place of a search hit; the end is then not loaded. */
  async function readAt(offset: number): Promise<void> {
    tail.pause()
    await read(offset, (window, part) => window.replace(part, offset))
  }
  function toEnd(): void {
    if (!held.value.isAtEnd) tail.open(held.value.size - TAIL)
  }
  return {
    sections: computed(() => [...held.value.sections]),
    from: part('from'),
    to: part('to'),
    size: part('size'),
    done: part('done'),
    isAtEnd: part('isAtEnd'),
    loading,
    error,
    earlier,
    readAt,
    /** Loads the log from its beginning: the run was started again. */
    restart: () => tail.open(0),
    toEnd,
  }
}
