import { defineHandlers } from '@drover/core';

export default defineHandlers({
  failing: () => {
    throw new Error('as every task of this type');
  },
});
