(function () {
  "use strict";
  var config = { displayModeBar: false, responsive: true, scrollZoom: false, doubleClick: false, showTips: false };
  var plots = Array.prototype.slice.call(document.querySelectorAll(".plot"));

  function draw(box) {
    var source = box.parentNode.querySelector("script.plot-data");
    var figure = JSON.parse(source.textContent);
    figure.layout.height = box.clientHeight;
    return window.Plotly.newPlot(box, figure.data, figure.layout, config);
  }

  // One at a time, so that the first charts show while the rest are drawn.
  function next(index) {
    if (index >= plots.length) {
      document.documentElement.setAttribute("data-charts", "drawn");
      return;
    }
    draw(plots[index]).then(function () { window.setTimeout(function () { next(index + 1); }, 0); });
  }

  // Paper is narrower than the window: fit the charts to it, and back.
  function fit(width) {
    plots.forEach(function (box) {
      if (!box.data) { return; }
      window.Plotly.relayout(box, width ? { width: Math.min(box.clientWidth, width), autosize: false } : { width: null, autosize: true });
    });
  }
  window.addEventListener("beforeprint", function () {
    Array.prototype.forEach.call(document.querySelectorAll("details"), function (box) { box.open = true; });
    fit(640);
  });
  window.addEventListener("afterprint", function () { fit(0); });

  if (window.Plotly) { next(0); }
}());
