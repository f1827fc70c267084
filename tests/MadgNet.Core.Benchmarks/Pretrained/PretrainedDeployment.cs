using System.Globalization;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Core.Models;
using MadgNet.Onnx;
using MadgNet.Pretrained.ResNet18;

namespace MadgNet.Core.Benchmarks.Pretrained;

/// <summary>
/// What networks on the small encoder cost beside the published one: parameters, files, and the time of an image of 352×352.
/// </summary>
internal static class PretrainedDeployment
{
    private const int Side = 352;
    private const int Rounds = 10;

    public static void Run(TextWriter output, CancellationToken cancellationToken)
    {
        string folder = Directory.CreateTempSubdirectory("madgnet-deploy-").FullName;
        try
        {
            (string Name, NetworkOptions Options)[] networks =
            [
                ("MADGNet on ResNeSt-50, as published", new MadgNetOptions()),
                ("MADGNet on ResNet-18 (CNTK)", ResNet18Weights.ImageNet.ApplyTo(new MadgNetOptions())),
                ("U-Net on ResNet-18 (CNTK)", ResNet18Weights.ImageNet.ApplyTo(new UNetOptions())),
            ];
            Row[] rows = [.. networks.Select((network, i) => Prepare(network.Name, network.Options, Path.Combine(folder, $"{i}")))];
            try
            {
                Measure(rows, output, cancellationToken);
            }
            finally
            {
                foreach (Row row in rows)
                {
                    row.Dispose();
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Measure(Row[] rows, TextWriter output, CancellationToken cancellationToken)
    {
        var image = new FloatImage(3, Side, Side, [.. Enumerable.Range(0, 3 * Side * Side).Select(i => (i % 251) / 251f)]);
        Action[] actions = [.. rows.SelectMany(row => row.Predictors.Select(predictor => (Action)(() => predictor.Predict(image))))];
        double[] times = Measuring.Interleaved(Rounds, actions, cancellationToken);
        var table = new ReportTable(
            $"An image of {Side}×{Side}, milliseconds (median)",
            ReportColumn.Text("network"),
            ReportColumn.Text("parameters"),
            ReportColumn.Text("libtorch, inference form"),
            ReportColumn.Text("ONNX float32"),
            ReportColumn.Text("ONNX int8"),
            ReportColumn.Text("file, MB"),
            ReportColumn.Text("int8 file, MB"));
        for (int i = 0; i < rows.Length; i++)
        {
            table.Add(
                rows[i].Name,
                Measuring.Text($"{rows[i].Parameters / 1e6:F1} M"),
                Measuring.Text($"{times[3 * i]:F0}"),
                Measuring.Text($"{times[(3 * i) + 1]:F0}"),
                Measuring.Text($"{times[(3 * i) + 2]:F0}"),
                Measuring.Text($"{rows[i].Bytes / 1e6:F0}"),
                Measuring.Text($"{rows[i].SmallBytes / 1e6:F0}"));
        }

        output.WriteLine(table.ToMarkdown());
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"bench pretrained deploy: U-Net {times[0] / times[6]:F2}x ONNX {times[1] / times[7]:F2}x int8 {times[2] / times[8]:F2}x; "
                + $"MADGNet on ResNet-18 {times[0] / times[3]:F2}x ONNX {times[1] / times[4]:F2}x"));
    }

    private static Row Prepare(string name, NetworkOptions options, string path)
    {
        using SegmentationModel model = options.Build(Models.Registry.ModelRegistry.BuiltIn, 1);
        model.eval();
        model.Save(path + ".safetensors");
        var size = new OnnxExportOptions { InputSize = (Side, Side) };
        OnnxExporter.Export(model, path + ".onnx", size);
        OnnxExporter.Export(model, path + "-int8.onnx", size with { Precision = OnnxPrecision.Int8 });
        return new Row(
            name,
            model.ParameterCount,
            [
                Predictor.Load(path + ".safetensors"),
                OnnxPredictor.Load(path + ".onnx"),
                OnnxPredictor.Load(path + "-int8.onnx"),
            ],
            new FileInfo(path + ".onnx").Length,
            new FileInfo(path + "-int8.onnx").Length);
    }

    private sealed record Row(
        string Name, long Parameters, IReadOnlyList<SegmentationPredictor> Predictors, long Bytes, long SmallBytes) : IDisposable
    {
        public void Dispose()
        {
            foreach (SegmentationPredictor predictor in Predictors)
            {
                predictor.Dispose();
            }
        }
    }
}
