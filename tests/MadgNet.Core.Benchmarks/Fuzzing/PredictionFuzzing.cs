using MadgNet.Core.Data;
using MadgNet.Core.Imaging;

namespace MadgNet.Core.Benchmarks.Fuzzing;

/// <summary>Predictions in arrays and pictures beside a truth, as masks of every reading.</summary>
internal static class PredictionFuzzing
{
    public static FuzzTarget Create(string folder, IEnumerable<(string, byte[])> arrays, IEnumerable<(string, byte[])> masks)
    {
        string truth = Path.Combine(folder, "prediction-truth");
        string predictions = Path.Combine(folder, "predictions");
        Directory.CreateDirectory(truth);
        Directory.CreateDirectory(predictions);
        ImageWriter.Write(new PixelImage(24, 16, 1, new byte[24 * 16]), Path.Combine(truth, "a.png"));
        var map = new FloatImage(1, 16, 24);
        using var stream = new MemoryStream();
        NpyFile.Write(map, stream);
        return new FuzzTarget("prediction", [(".npy", stream.ToArray()), .. arrays, .. masks], false, (path, bytes) =>
        {
            string file = Path.Combine(predictions, "a" + Path.GetExtension(path));
            File.WriteAllBytes(file, bytes);
            try
            {
                MaskReading reading = (MaskReading)(bytes.Length % 4);
                var options = new FolderDatasetOptions
                {
                    Labels = [LabelSource.AllMasks() with { Reading = reading }],
                    Ignored = bytes.Length % 3 == 0 ? [255] : [],
                    Reader = new ImageReader(new ImageReadOptions { MaximumPixels = 16_000_000 }),
                };
                _ = new PredictionFolder(predictions, truth, options).Load(0).Probability[0, 0, 0];
            }
            finally
            {
                File.Delete(file);
            }
        });
    }
}
