//! A queue for keys that never fall below the last one taken (a radix heap).

/// Bucket `b > 0` holds keys whose highest bit that differs from `last` is bit `b - 1`; bucket 0 those equal to it.
pub(crate) struct RadixHeap {
    last: u64,
    buckets: [Vec<(u64, u32)>; 65],
    /// Which buckets hold something, a bit each.
    filled: u128,
}

impl RadixHeap {
    pub fn new() -> Self {
        Self { last: 0, buckets: [const { Vec::new() }; 65], filled: 0 }
    }

    pub fn clear(&mut self) {
        self.buckets.iter_mut().for_each(Vec::clear);
        self.last = 0;
        self.filled = 0;
    }

    /// Adds an item; the key must not be below the last one taken.
    pub fn push(&mut self, key: u64, item: u32) {
        debug_assert!(key >= self.last);
        let bucket = 64 - (key ^ self.last).leading_zeros();
        self.buckets[bucket as usize].push((key, item));
        self.filled |= 1 << bucket;
    }

    /// Takes an item with the least key.
    pub fn pop(&mut self) -> Option<(u64, u32)> {
        if self.filled & 1 == 0 {
            if self.filled == 0 {
                return None;
            }
            let bucket = self.filled.trailing_zeros();
            let mut items = std::mem::take(&mut self.buckets[bucket as usize]);
            self.filled &= !(1 << bucket);
            self.last = items.iter().map(|&(key, _)| key).min().unwrap_or(self.last);
            for (key, item) in items.drain(..) {
                self.push(key, item);
            }
            // The emptied room is kept for later.
            self.buckets[bucket as usize] = items;
        }
        let taken = self.buckets[0].pop();
        if self.buckets[0].is_empty() {
            self.filled &= !1;
        }
        taken
    }
}

impl Default for RadixHeap {
    fn default() -> Self {
        Self::new()
    }
}
