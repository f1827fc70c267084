using MadgNet.Core.Imaging;
using MadgNet.Onnx;

namespace MadgNet.Core.Benchmarks.Fuzzing;

/// <summary>Damaged ONNX files: opened, looked into and run on a small image.</summary>
internal static class OnnxFuzz
{
    private const int MostChannels = 64;
    private const int LargestSide = 512;

    private static readonly OnnxRuntimeOptions Options = new()
    {
        Threads = 1,
        Spinning = false,
        Stride = 1,
        OutputValues = OnnxOutputValues.Logit,
        LoadLimit = TimeSpan.FromSeconds(4),
        RunLimit = TimeSpan.FromSeconds(1),
    };

    /// <summary>The target.</summary>
    public static FuzzTarget Create()
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "fixtures", "onnx");
        return new FuzzTarget(
            "onnx",
            [.. Directory.EnumerateFiles(folder, "*.onnx")
                .Order(StringComparer.Ordinal)
                .Select(path => (".onnx", File.ReadAllBytes(path)))],
            Text: false,
            Read);
    }

    private static void Read(string path, byte[] bytes)
    {
        _ = OnnxModelInfo.Read(path).Operators.Count;
        using OnnxPredictor predictor = OnnxPredictor.Load(path, null, Options);
        (int height, int width) = predictor.Network.FixedSize ?? (24, 16);
        if (predictor.Network.InputChannels <= MostChannels && height <= LargestSide && width <= LargestSide)
        {
            var image = new FloatImage(predictor.Network.InputChannels, height, width);
            _ = predictor.Predict(image).Probability.Data.Length;
        }
    }
}
