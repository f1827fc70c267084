// Segments images with an exported network, in a program without libtorch:
//   OnnxHost [MODEL.onnx [IMAGE_OR_FOLDER [OUTPUT_FOLDER]]]
// Without arguments: a small network that was trained on the quick start's nuclei, on images that it has not seen.

using System.Diagnostics;
using MadgNet.Core.Foundation;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Onnx;

string model = args.Length > 0 ? args[0] : Path.Combine(AppContext.BaseDirectory, "nuclei.onnx");
string input = args.Length > 1 ? args[1] : Path.Combine(AppContext.BaseDirectory, "nuclei", "images");
string output = args.Length > 2 ? args[2] : Path.Combine("runs", "onnx-host");
try
{
    // 1. Opening: the file says what the network takes and gives.
    using OnnxPredictor predictor = OnnxPredictor.Load(model);
    Console.WriteLine(
        $"{Path.GetFileName(model)}: {predictor.Network.InputChannels} channels, labels ["
            + $"{string.Join(", ", predictor.Network.LabelNames)}], exported by {predictor.Metadata[OnnxMetadata.Version]}.");

    // 2. Predicting: masks at the images' own size.
    Directory.CreateDirectory(output);
    string[] files = File.Exists(input) ? [input] : [.. Directory.EnumerateFiles(input).Order(StringComparer.Ordinal)];
    var watch = Stopwatch.StartNew();
    double sum = 0;
    int compared = 0;
    foreach (string file in files)
    {
        Prediction prediction = predictor.Predict(file);
        prediction.SaveMask(Path.Combine(output, Path.GetFileNameWithoutExtension(file) + ".png"));
        string truth = Path.Combine(Path.GetDirectoryName(file)!, "..", "masks", Path.GetFileName(file));
        if (File.Exists(truth))
        {
            sum += Dice(prediction.Mask(), new ImageReader().Read(truth));
            compared++;
        }
    }

    Console.WriteLine($"{files.Length} masks in {output}, {watch.ElapsedMilliseconds / Math.Max(1.0, files.Length):F0} ms an image.");

    // 3. What this is for: nothing of libtorch has come into the process.
    using Process process = Process.GetCurrentProcess();
    string[] torch = [.. process.Modules.Cast<ProcessModule>()
        .Select(module => module.ModuleName)
        .Where(name => name.Contains("torch", StringComparison.OrdinalIgnoreCase) && name != "TorchSharp.dll")];
    Console.WriteLine(torch.Length == 0 ? "No libtorch was loaded." : $"Loaded: {string.Join(", ", torch)}.");
    if (compared > 0)
    {
        Console.WriteLine(FormattableString.Invariant($"Dice {sum / compared:F3}"));
    }

    // The shipped network and images are also a check: a host that finds no nuclei is broken.
    return torch.Length == 0 && (args.Length > 0 || sum / compared > 0.7) ? 0 : 1;
}
catch (MadgNetException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}

static double Dice(PixelImage mask, PixelImage truth)
{
    FloatImage a = mask.ToFloat(ImageChannels.Gray);
    FloatImage b = truth.ToFloat(ImageChannels.Gray);
    long both = 0;
    long either = 0;
    for (int y = 0; y < a.Height; y++)
    {
        for (int x = 0; x < a.Width; x++)
        {
            bool inMask = a.Row(0, y)[x] >= 0.5;
            bool inTruth = b.Row(0, y)[x] >= 0.5;
            both += inMask && inTruth ? 2 : 0;
            either += (inMask ? 1 : 0) + (inTruth ? 1 : 0);
        }
    }

    return either == 0 ? 1 : (double)both / either;
}
