using MadgNet.Core.Data;
using MadgNet.Core.Imaging;

namespace MadgNet.Core.Benchmarks.Fuzzing;

/// <summary>Splits that are looked up in a dataset: every sample is in one part, whatever way it is spelled.</summary>
internal static class SplitOfDatasetFuzzing
{
    public static FuzzTarget Create()
    {
        var dataset = new InMemoryDataset(
            [.. ((string[])["a/x", "b/x", "y", "Z.png", "Übung"])
                .Select(name => new Sample(name, new FloatImage(1, 1, 1), [new FloatImage(1, 1, 1)]))],
            ["label"]);
        return new FuzzTarget(
            "split of",
            [
                (".csv", "part,name\ntrain,a/x\ntrain,y.png\ntest,b\\x\ntest,Z\n"u8.ToArray()),
                (".csv", "sep=;\nname;part\nÜbung;train\n./y;test\nz;train\n"u8.ToArray()),
                (".csv", [0xFF, 0xFE, .. System.Text.Encoding.Unicode.GetBytes("part,name\rtrain,y\rtest,Z\r")]),
            ],
            true,
            (path, bytes) =>
            {
                DatasetSplit split = DatasetSplit.Load(path);
                string[] names = [.. split.Parts.SelectMany(part => split.Of(dataset, part).Names())];
                if (names.Distinct().Count() != names.Length)
                {
                    throw new InvalidOperationException($"One sample is in two parts: {string.Join(", ", names)}.");
                }
            });
    }
}
