import { computed } from 'vue'

import { jobs } from '@/api/jobs'

import { useLoad } from './useLoad'
import { usePolling } from './usePolling'

const PACE = 1500
/** A run that only waits for its hour or its turn is asked about less often. */
const WAITING = 5000

/** A run as it is now. `isBehind`: somebody else says that it moved on, as when a colleague started it again. */
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
