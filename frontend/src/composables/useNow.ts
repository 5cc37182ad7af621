import { readonly, ref } from 'vue'

const now = ref(Date.now())
window.setInterval(() => {
  if (!document.hidden) now.value = Date.now()
}, 20_000)

/** The time, ticking slowly: enough for "12 minutes ago". */
export const useNow = () => readonly(now)
