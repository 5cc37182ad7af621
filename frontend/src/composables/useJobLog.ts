import { computed, ref, shallowRef, triggerRef } from 'vue'

import { toApiError, type ApiError } from '@/api/errors'
import { jobs } from '@/api/jobs'
import type { LogPart } from '@/api/types'
import { LogWindow } from '@/lib/job/window'

import { TAIL, useLogTail } from './useLogTail'

const PART = 64_000

/**
 * A window on the log of a run: it follows the end while the run goes on, and never holds all of a long one.
 *
 * `from` and `to` say which characters are there, of `size`. `earlier` reads back, and lets the end go where the
 * window grows too long; `toEnd` returns to it.
 */
export function useJobLog(id: number, hosts: () => string[]) {
  const held = shallowRef(new LogWindow(hosts))
  const part = <K extends keyof LogWindow>(name: K) => computed(() => held.value[name])
  const loading = ref(false)
  const error = shallowRef<ApiError | null>(null)
  const tail = useLogTail(id, held, error)

  /** Reads a part, which `take` puts into the window unless that has moved meanwhile. */
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
  /** Reads on from a place that a search found; the end is out of sight then. */
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
    /** From the beginning once more: the run began again. */
    restart: () => tail.open(0),
    toEnd,
  }
}
