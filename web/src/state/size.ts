import { onBeforeUnmount, onMounted, ref, type Ref } from 'vue'

/** How large an element is, and a letter on the page, in pixels; followed for as long as the component lives. */
export function useSize(box: Ref<HTMLElement | null>, begin = { width: 640, height: 240, em: 16 }) {
  const size = ref(begin)
  let resizes: ResizeObserver | null = null

  onMounted(() => {
    resizes = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect
      size.value = { width, height, em: parseFloat(getComputedStyle(document.documentElement).fontSize) }
    })
    resizes.observe(box.value!)
  })
  onBeforeUnmount(() => resizes?.disconnect())
  return size
}
