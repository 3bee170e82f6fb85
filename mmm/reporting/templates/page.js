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
  function fit(paper) {
    plots.forEach(function (box) {
      if (!box.data) { return; }
      var width = box.closest(".gallery") ? 310 : 640;
      window.Plotly.relayout(box, paper ? { width: width, autosize: false } : { width: null, autosize: true });
    });
  }
  window.addEventListener("beforeprint", function () {
    Array.prototype.forEach.call(document.querySelectorAll("details"), function (box) { box.open = true; });
    fit(true);
  });
  window.addEventListener("afterprint", function () { fit(false); });

  if (window.Plotly) { next(0); }
}());
