import { readonly, ref } from 'vue'

const answers = ref(true)

/** Whether the server answered when it was asked last. */
export const serverAnswers = readonly(answers)

/** Told by whoever asks; a gateway's word that nobody is behind it is no answer. */
export function heard(status: number): void {
  answers.value = status > 0 && (status < 502 || status > 504)
}
