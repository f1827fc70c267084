using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Core.Models;
using MadgNet.Core.Runtime;

try
{
    // Nothing is asked of the runtime first: the library's own entry points have to notice.
    using MadgNetModel model = new MadgNetBuilder().WithSeed(1).Build();
    Console.WriteLine(NativeRuntime.Describe());

    string picture = Path.Combine(Path.GetTempPath(), $"package-consumer-{Environment.ProcessId}.png");
    ImageWriter.Write(new PixelImage(48, 40, 3, new byte[48 * 40 * 3]), picture);
    try
    {
        using var predictor = new Predictor(model);
        Prediction prediction = predictor.Predict(picture);
        Console.WriteLine($"Predicted a mask of {prediction.Width}x{prediction.Height} pixels.");
    }
    finally
    {
        File.Delete(picture);
    }

    return 0;
}
catch (NativeLibraryException exception)
{
    Console.WriteLine($"{exception.Fault}: {exception.Message}");
    return 3;
}
