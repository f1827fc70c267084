using MadgNet.Core.Imaging;
using MadgNet.Core.Models.Registry;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Tests.Support;
using MadgNet.Studies.Running;

namespace MadgNet.Studies.Tests.Support;

/// <summary>A study that is trained within a test: two small networks, two seeds, three steps on a few discs.</summary>
internal static class TinyStudy
{
    public static Study Create() => new()
    {
        Name = "tiny",
        Question = "Does it work?",
        Recipe = """{"model":"unet","encoder":"tiny","size":32,"batch":2,"learningRate":0.001}""",
        Variants =
        [
            new StudyVariant { Name = "plain" },
            new StudyVariant { Name = "dct", Title = "with MFCA", Changes = """{"channelAttention":"dct"}""" },
        ],
        Baseline = "plain",
        Seeds = [0, 1],
        Protocol = new StudyProtocol { Seen = [new StudySet("discs")], Unseen = [new StudySet("others")] },
        Budget = new StudyBudget { Steps = 3 },
        Metrics = ["Dice"],
    };

    /// <summary>Writes the sets of the study and gives their folder.</summary>
    public static string Data(string root)
    {
        Write(Path.Combine(root, "discs"), 12, 1);
        Write(Path.Combine(root, "others"), 4, 2);
        return root;
    }

    public static StudyRunOptions Options(string data, string output) => new() { Data = data, OutputFolder = output, Registry = Registry };

    /// <summary>The library's parts and an encoder of a few values.</summary>
    private static ModelRegistry Registry { get; } = ModelRegistry.BuiltIn.With(
        new EncoderEntry("tiny", channels => new TinyEncoder(channels, new(4, 2), new(6, 4), new(8, 8))));

    private static void Write(string folder, int count, int seed)
    {
        const int side = 32;
        Directory.CreateDirectory(Path.Combine(folder, "images"));
        Directory.CreateDirectory(Path.Combine(folder, "masks"));
        var random = new Random(seed);
        for (int index = 0; index < count; index++)
        {
            var image = new FloatImage(3, side, side);
            var mask = new FloatImage(1, side, side);
            (double centerY, double centerX) = (10 + (12 * random.NextDouble()), 10 + (12 * random.NextDouble()));
            double radius = 5 + (4 * random.NextDouble());
            for (int y = 0; y < side; y++)
            {
                for (int x = 0; x < side; x++)
                {
                    bool inside = Math.Sqrt(((y - centerY) * (y - centerY)) + ((x - centerX) * (x - centerX))) <= radius;
                    mask.Row(0, y)[x] = inside ? 1 : 0;
                    for (int channel = 0; channel < 3; channel++)
                    {
                        image.Row(channel, y)[x] = (float)((inside ? 0.7 : 0.2) + (0.1 * random.NextDouble()));
                    }
                }
            }

            ImageWriter.Write(image, Path.Combine(folder, "images", $"{index}.png"));
            ImageWriter.Write(mask, Path.Combine(folder, "masks", $"{index}.png"));
        }
    }
}
