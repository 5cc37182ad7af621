import { computed } from 'vue'

import { jobs } from '@/api/jobs'

import { useLoad } from '@/composables/request/useLoad'
import { usePolling } from '@/composables/request/usePolling'

const PACE = 1500
/** A run that waits for its start time or another run is polled less often. */
const WAITING = 5000

/** The current state of a run. `isBehind`: newer data show a change, for example that a colleague restarted it. */
export function useJob(id: () => number, isBehind: (state?: string) => boolean = () => false) {
  const { data: job, error, reload } = useLoad(() => jobs.get(id()), id)
  const isLive = computed(() => ['waiting', 'running', 'paused'].includes(job.value?.state ?? ''))
  usePolling(
    () => reload(true),
    () => {
      if (isBehind(job.value?.state)) return PACE
      if (!isLive.value) return null
      return job.value?.state === 'running' ? PACE : WAITING
    },
  )
  return { job, error, isLive, reload }
}
