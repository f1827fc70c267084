using System.Text.Json;
using MadgNet.AspNetCore.Tests.Support;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Core.Models;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Tests.Support;
using MadgNet.HostModel;
using MadgNet.Onnx;
using MadgNet.Onnx.Hosting;

namespace MadgNet.AspNetCore.Tests.Hosting;

/// <summary>Both predictors of the library behind a service.</summary>
public sealed class ImagePredictorTests
{
    private static readonly PixelImage Image = TestService.Picture(64, 48);

    [Fact]
    public async Task A_network_on_libtorch_serves_as_well()
    {
        using MadgNetModel model = Create();
        using var alone = new Predictor(model);
        await using TestService service = await TestService.StartAsync(new ImagePredictor(new Predictor(model)));
        using HttpResponseMessage answer = await service.PostAsync(TestService.Png(Image), "?output=probability");
        PixelImage map = new ImageReader().Decode(await answer.Content.ReadAsByteArrayAsync(), "answer");
        Assert.Equal(alone.Predict(Image).Probability.Data.ToArray().Select(value => (byte)MathF.Round(value * 255)), map.Bytes.ToArray());
        JsonElement described = JsonDocument.Parse(await service.Client.GetStringAsync("/model")).RootElement;
        Assert.Equal("""["region"]""", described.GetProperty("maps").GetRawText());
    }

    [Fact]
    public void Other_maps_of_an_onnx_file_can_be_asked_for()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("all.onnx");
        using (MadgNetModel model = Create())
        {
            OnnxExporter.Export(model, path, new OnnxExportOptions { InputSize = (64, 64), Outputs = OnnxOutputs.All });
        }

        using ImagePredictor predictor = ImagePredictor.LoadOnnx(path);
        Assert.Equal(["region", "distance", "boundary"], predictor.Maps);
        float[][] maps = [.. predictor.Maps.Select(map => predictor.Predict(Image, map, default).Probability.Data.ToArray())];
        Assert.All(maps, map => Assert.All(map, value => Assert.InRange(value, 0, 1)));
        Assert.NotEqual(maps[0], maps[1]);
        Assert.NotEqual(maps[1], maps[2]);
        string last = OnnxModelInfo.Read(path).Outputs.Last(output => output.Name.EndsWith("_distance", StringComparison.Ordinal)).Name;
        using var alone = OnnxPredictor.Load(path, null, new OnnxRuntimeOptions { OutputName = last });
        Assert.Equal(alone.Predict(Image).Probability.Data.ToArray(), maps[1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => predictor.Predict(Image, "depth", default));
    }

    [Fact]
    public void A_file_of_the_region_alone_has_no_other_map()
    {
        using ImagePredictor predictor = ImagePredictor.LoadOnnx(TestService.Model);
        Assert.Equal(["region"], predictor.Maps);
        Assert.Equal(["nucleus"], predictor.Network.LabelNames);
    }

    private static MadgNetModel Create() => new(
        new MadgNetOptions
        {
            Encoder = EncoderNames.Custom,
            SkipChannels = 4,
            DecoderChannels = [8, 8],
            DctSizes = [7, 7],
            Attention = new MultiFrequencyMultiScaleOptions { Scales = 2, Frequencies = 2, MinimumChannels = 4, MinimumResolution = 2 },
        },
        new SmallEncoder(4, 6, 8),
        seed: 3);
}
