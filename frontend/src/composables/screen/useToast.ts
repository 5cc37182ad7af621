import { readonly, ref } from 'vue'

export interface Toast {
  id: number
  words: string
  bad: boolean
}

const toasts = ref<Toast[]>([])
let last = 0

function show(words: string, bad = false) {
  const toast = { id: ++last, words, bad }
  toasts.value = [...toasts.value.slice(-2), toast]
  window.setTimeout(() => {
    toasts.value = toasts.value.filter((other) => other.id !== toast.id)
  }, 5000)
}

/** A short message at the edge of the screen. */
export const useToast = () => ({ toasts: readonly(toasts), show })
