// Segments images in a native program, without libtorch and without a .NET runtime on the machine:
//   NativeAot [MODEL.onnx [IMAGE_OR_FOLDER [OUTPUT_FOLDER]]]
// Without arguments: a small network that was trained on the quick start's nuclei, on images that it has not seen.

using System.Diagnostics;
using MadgNet.Core.Foundation;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Core.Metrics;
using MadgNet.Onnx;

string model = args.Length > 0 ? args[0] : Path.Combine(AppContext.BaseDirectory, "nuclei.onnx");
string input = args.Length > 1 ? args[1] : Path.Combine(AppContext.BaseDirectory, "nuclei", "images");
string output = args.Length > 2 ? args[2] : Path.Combine("runs", "native-aot");
try
{
    using OnnxPredictor predictor = OnnxPredictor.Load(model);
    Directory.CreateDirectory(output);
    string[] files = File.Exists(input) ? [input] : [.. Directory.EnumerateFiles(input).Order(StringComparer.Ordinal)];
    var reader = new ImageReader();
    List<double> scores = [];
    double firstMask = 0;
    foreach (string file in files)
    {
        Prediction prediction = predictor.Predict(file);
        prediction.SaveMask(Path.Combine(output, Path.GetFileNameWithoutExtension(file) + ".png"));
        if (firstMask == 0)
        {
            using Process process = Process.GetCurrentProcess();
            firstMask = (DateTime.Now - process.StartTime).TotalMilliseconds;
        }

        string truth = Path.Combine(Path.GetDirectoryName(file)!, "..", "masks", Path.GetFileName(file));
        if (File.Exists(truth))
        {
            bool[] expected = [.. reader.Read(truth).ToGray().Bytes.ToArray().Select(value => value >= 128)];
            scores.Add(MapMetrics.Compute(prediction.Probability.Plane(0), expected, prediction.Height, prediction.Width)[Metric.Dice]);
        }
    }

    // The .NET runtime sets this list for a program that it compiles while it runs.
    string form = AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") is null ? "native" : "compiled while it runs";
    Console.WriteLine(FormattableString.Invariant($"{form}: the first mask came {firstMask:F0} ms after the start of the process."));
    Console.WriteLine($"{files.Length} masks in {output}.");
    if (scores.Count > 0)
    {
        Console.WriteLine(FormattableString.Invariant($"Dice {scores.Average():F3}"));
    }

    // The shipped network and images are also a check: a program that finds no nuclei is broken.
    return args.Length > 0 || (scores.Count > 0 && scores.Average() > 0.7) ? 0 : 1;
}
catch (MadgNetException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}
