/** Chart.js plugin that clips all lines to the plot area with one clip region. */
export const CLIP_PLUGIN = {
  id: "clip",

  /** @param {import("chart.js").Chart} chart */
  beforeDatasetsDraw({ ctx, chartArea: { left, right, top, bottom } }) {
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, top, right - left, bottom - top);
    ctx.clip();
    ctx.lineJoin = "round";
  },

  /** @param {import("chart.js").Chart} chart */
  afterDatasetsDraw({ ctx }) {
    ctx.restore();
  },
};
