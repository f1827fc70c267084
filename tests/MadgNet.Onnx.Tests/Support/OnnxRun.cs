using System.Runtime.InteropServices;
using MadgNet.Core.Models;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Onnx.Tests.Support;

/// <summary>Exports networks to memory, runs them on ONNX Runtime as any program would, and compares with the network.</summary>
internal static class OnnxRun
{
    public static byte[] Export(MadgNetModel model, OnnxExportOptions options)
    {
        using var stream = new MemoryStream();
        OnnxExporter.Write(model, stream, options);
        return stream.ToArray();
    }

    public static InferenceSession Open(byte[] file)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        return new InferenceSession(file, options);
    }

    /// <summary>Every output of the file for a batch of images; float32 or bytes as the tensor is.</summary>
    public static Dictionary<string, Tensor> Run(InferenceSession session, Tensor images)
    {
        long[] shape = images.shape;
        using OrtValue input = images.dtype == ScalarType.Byte
            ? OrtValue.CreateTensorValueFromMemory(images.data<byte>().ToArray(), shape)
            : OrtValue.CreateTensorValueFromMemory(images.contiguous().data<float>().ToArray(), shape);
        using var run = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(run, [OnnxExporter.InputName], [input], session.OutputNames);
        var maps = new Dictionary<string, Tensor>();
        for (int i = 0; i < outputs.Count; i++)
        {
            maps.Add(
                session.OutputNames[i],
                tensor(outputs[i].GetTensorDataAsSpan<float>().ToArray(), outputs[i].GetTensorTypeAndShape().Shape));
        }

        return maps;
    }

    /// <summary>The largest difference between two tensors of one shape.</summary>
    public static double Difference(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        using Tensor difference = (expected - actual).abs();
        using Tensor largest = difference.max();
        return largest.item<float>();
    }

    /// <summary>
    /// Asserts that the file's outputs are the network's, within 1e-4 of the largest logit: the sums are the same, but their
    /// order and the folded weights' rounding are not.
    /// </summary>
    public static void AssertAgrees(MadgNetModel model, OnnxExportOptions options, params Tensor[] batches)
    {
        using InferenceSession session = Open(Export(model, options));
        using DisposeScope scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (Tensor images in batches)
        {
            Dictionary<string, Tensor> actual = Run(session, images);
            using SegmentationOutput output = model.call(images);
            var expected = new Dictionary<string, Tensor>();
            if (options.Outputs == OnnxOutputs.Region)
            {
                expected.Add(OnnxExporter.RegionName, output.Final.Region);
            }
            else
            {
                for (int stage = 0; stage < output.Stages.Count; stage++)
                {
                    expected.Add($"stage{stage + 1}_region", output.Stages[stage].Region);
                    expected.Add($"stage{stage + 1}_distance", output.Stages[stage].Distance!);
                    expected.Add($"stage{stage + 1}_boundary", output.Stages[stage].Boundary!);
                }
            }

            Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
            foreach ((string name, Tensor logits) in expected)
            {
                Tensor wanted = options.Sigmoid ? logits.sigmoid() : logits;
                double largest = Math.Max(1, wanted.abs().max().item<float>());
                double difference = Difference(wanted, actual[name]);
                Assert.True(
                    difference <= 1e-4 * largest,
                    $"{name} of [{string.Join(", ", images.shape)}] differs by {difference:G4}, largest value {largest:G4}");
            }
        }
    }
}
