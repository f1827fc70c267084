using MadgNet.Core.Foundation;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Samples.Predict;

// Everything that lies between an image file and a list of regions: tiles, test-time augmentation, post-processing, contours,
// images that are too large for memory, and a folder as a stream.
//
//   dotnet run --project samples/Predict [--weights FILE] [--out FOLDER]
//
// Without weights, a few lines of arithmetic stand in for a network.
string output = Path.Combine("runs", "predict");
string? weights = null;
for (int i = 0; i < args.Length; i++)
{
    if (args[i] is "--out" or "--weights" && i + 1 < args.Length)
    {
        (output, weights) = args[i] == "--out" ? (args[i + 1], weights) : (output, args[i + 1]);
        i++;
    }
    else
    {
        Console.Error.WriteLine($"received '{args[i]}'; expected [--weights FILE] [--out FOLDER].");
        return 2;
    }
}

Directory.CreateDirectory(output);
string folder = Path.Combine(AppContext.BaseDirectory, "data");
try
{
    // 1. An image larger than a tile: tiles that are cut without overlap, and tiles that are blended.
    var reader = new ImageReader();
    PixelImage slide = Directory.EnumerateFiles(folder, "*.png")
        .Order(StringComparer.Ordinal)
        .Select(path => reader.Read(path))
        .MaxBy(image => image.Width * image.Height)!;
    var cut = new TileOptions { Size = (128, 128), Overlap = 0 };
    var blended = new TileOptions { Size = (128, 128), Overlap = 64 };
    using (SegmentationPredictor hard = Create(new PredictorOptions { Tiles = cut }))
    using (SegmentationPredictor soft = Create(new PredictorOptions { Tiles = blended }))
    {
        FloatImage without = hard.Predict(slide).Probability;
        FloatImage with = soft.Predict(slide).Probability;
        Canvas.Beside(Canvas.Of(without, 2, 1), Canvas.Of(with, 2, 1)).Save(Path.Combine(output, "seams.png"));
        Console.WriteLine(
            $"{slide.Width}×{slide.Height} pixels: steps across the tiles' edges {Seams.Step(without, 128):F3} without overlap, "
                + $"{Seams.Step(with, 128):F3} blended (elsewhere {Seams.Step(with, 128, 64):F3})");
    }

    // 2. Several views, post-processing and regions.
    var options = new PredictorOptions
    {
        Tiles = blended,
        Augmentation = new TestTimeAugmentation { RightAngles = true },
        PostProcessing = new PostProcessing { Smoothing = 1, FillHolesUpTo = 5, MinimumArea = 5 },
        Spacing = new PixelSpacing(0.5, 0.5),       // a pixel is half a micrometre wide: areas are in µm²
    };
    using (SegmentationPredictor predictor = Create(options))
    {
        Prediction prediction = predictor.Predict(slide);
        IReadOnlyList<Region> regions = prediction.Regions();
        Console.WriteLine($"{regions.Count} nuclei, {regions.Sum(region => region.Area):F0} µm²");
        foreach (Region region in regions.OrderByDescending(region => region.Area).Take(3))
        {
            Console.WriteLine(
                $"  {region.Area,7:F1} µm², outline {region.Perimeter,6:F1} µm, at ({region.Centroid.X:F1}, {region.Centroid.Y:F1}), "
                    + $"mean probability {region.MeanProbability:F2}");
        }

        const int Scale = 2;
        Canvas picture = Canvas.Of(slide, Scale);
        foreach (Region region in prediction.With(options.PostProcessing! with { MinimumArea = 20 }, PixelSpacing.Pixels).Regions())
        {
            picture.Draw(region, Scale, (255, 92, 168));
        }

        picture.Save(Path.Combine(output, "contours.png"));
        Canvas.Of(prediction.Disagreement!, Scale, 0.25f).Save(Path.Combine(output, "disagreement.png"));
        prediction.SaveMask(Path.Combine(output, "mask.png"));
        File.WriteAllText(Path.Combine(output, "regions.geojson"), RegionExport.ToGeoJson(regions));
    }

    // 3. The way of an image that does not fit into memory: in windows, from a source to a TIFF.
    using (SegmentationPredictor predictor = Create(new PredictorOptions { Tiles = blended }))
    using (var source = new PixelImageSource(slide))       // for a file: TiffImageSource.Open("slide.tif")
    using (TiffSink mask = TiffSink.Mask(Path.Combine(output, "mask.tif")))
    using (TiffSink probability = TiffSink.Probability(Path.Combine(output, "probability.tif")))
    {
        predictor.PredictLarge(source, [mask, probability], progress: null, CancellationToken.None);
    }

    // 4. A folder, file by file.
    using (SegmentationPredictor predictor = Create(new PredictorOptions { PostProcessing = options.PostProcessing }))
    {
        await foreach (FilePrediction file in predictor.PredictFolderAsync(folder))
        {
            string result = file.Succeeded ? $"{file.Prediction.Regions().Count} nuclei" : file.Error.Message;
            Console.WriteLine($"{file.Index + 1,2}/{file.Count} {Path.GetFileName(file.Path)[..8]}… {result}");
        }
    }
}
catch (MadgNetException error)
{
    Console.Error.WriteLine(error.Message);
    return 1;
}

Console.WriteLine($"Pictures, masks and regions are in {output}.");
return 0;

SegmentationPredictor Create(PredictorOptions options) =>
    weights is null ? new BrightnessPredictor(options) : Predictor.Load(weights, options);
